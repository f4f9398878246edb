"""A Flask application: a view that computes, and one that waits for a service."""

import time

from flask import Flask

app = Flask(__name__)


def burn():
    return sum(step * step for step in range(300_000))


@app.get("/cpu")
def cpu():
    return str(burn())


@app.get("/slow-service")
def slow_service():
    time.sleep(0.1)
    return "done"
