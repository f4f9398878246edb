"""A Celery task that computes, with files as the broker."""

import os

from celery import Celery

QUEUE = os.path.join(os.environ["REAL_PROGRAMS_FOLDER"], "queue")
os.makedirs(QUEUE, exist_ok=True)

app = Celery("tasks", broker="filesystem://")
app.conf.broker_transport_options = {"data_folder_in": QUEUE, "data_folder_out": QUEUE, "processed_folder": QUEUE}
app.conf.worker_prefetch_multiplier = 1
app.conf.task_ignore_result = True


@app.task
def burn():
    return sum(step * step for step in range(3_000_000))
