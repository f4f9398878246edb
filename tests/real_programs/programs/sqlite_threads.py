"""Four threads, each of which groups the rows of a table of its own: sqlite3 releases the GIL at each row."""

import sqlite3
import threading


def group():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (a integer, b integer)")
    connection.executemany("insert into t values (?, ?)", ((step % 97, step) for step in range(200_000)))
    while True:
        for _ in connection.execute("select a, sum(b), count(*) from t group by b % 50021"):
            pass


for number in range(4):
    threading.Thread(target=group, name=f"query-{number}").start()
