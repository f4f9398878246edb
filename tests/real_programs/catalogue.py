"""The programs: how each is started, what gives it work, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Program:
    """A command line in `FOLDER`. In it and in `feeder`, `{port}` and `{folder}` (for files) are replaced."""

    title: str
    known: str
    """What is known of it."""
    command: str
    """What follows the interpreter."""
    packages: str = ""
    """Those that pip installs for it."""
    asks: str = ""
    """The path that `CLIENTS` ask a server for, again and again."""
    feeder: str = ""
    """The arguments of another program that gives it work."""
    threads_of_blas: int = 1


GUNICORN = "-m gunicorn --workers 1 --threads 4 --bind 127.0.0.1:{port} --log-level error flask_site:app"
UVICORN = "-m uvicorn --port {port} --log-level error asgi_site:app"
CELERY = "-m celery --app celery_tasks worker --loglevel error --without-gossip --without-mingle"
SHARED = "its threads share a GIL"

PROGRAMS = {
    "gunicorn": Program(
        "gunicorn, 1 worker, 4 threads, a view that computes", SHARED, GUNICORN, "gunicorn flask", asks="cpu"
    ),
    "gunicorn-waits": Program(
        "the same, a view that sleeps 0.1 s", "sleep releases the GIL", GUNICORN, "gunicorn flask", asks="slow-service"
    ),
    "uvicorn": Program(
        "uvicorn, an endpoint that computes", "one event loop in one thread", UVICORN, "uvicorn", asks="cpu"
    ),
    "uvicorn-waits": Program(
        "the same, an endpoint that awaits 0.1 s",
        "one event loop, mostly idle",
        UVICORN,
        "uvicorn",
        asks="slow-service",
    ),
    "django": Program(
        "Django runserver, a view that computes",
        "a thread for each connection; the reloader is a parent process",
        "django_site.py runserver 127.0.0.1:{port}",
        "django",
        asks="cpu",
    ),
    "celery-prefork": Program(
        "Celery, 2 child processes (prefork)",
        "a GIL each; the parent hands out tasks",
        f"{CELERY} --concurrency 2",
        "celery",
        feeder="celery_feeder.py",
    ),
    "celery-threads": Program(
        "Celery, `--pool threads`, 4 threads",
        SHARED,
        f"{CELERY} --pool threads --concurrency 4",
        "celery",
        feeder="celery_feeder.py",
    ),
    "dask": Program(
        "dask, 1 worker process with 4 threads",
        "its task threads share a GIL; client, worker and resource tracker are processes of their own",
        "dask_tasks.py",
        "dask[distributed]",
    ),
    "jupyter": Program(
        "a Jupyter kernel that runs a cell",
        "cells run in the main thread; IOPub, Control and Heartbeat wait for sockets",
        "-m ipykernel_launcher -f {folder}/kernel.json",
        "ipykernel jupyter_client",
        feeder="kernel_cell.py {folder}/kernel.json",
    ),
    "thread-pool": Program("`ThreadPoolExecutor(4)`, pure Python", SHARED, "executors.py threads"),
    "process-pool": Program("`ProcessPoolExecutor(4)`, the same", "a GIL each", "executors.py processes"),
    "prefork": Program("a prefork tree: `os.fork()` three times", "a GIL each; the parent waits", "prefork.py"),
    "blas": Program(
        "numpy, `a @ a` in one thread, BLAS with 2",
        "BLAS releases the GIL and has a thread without Python code",
        "blas.py 1",
        "numpy",
        threads_of_blas=2,
    ),
    "blas-threads": Program(
        "numpy, `a @ a` in 4 threads, BLAS with 1 each", "BLAS releases the GIL", "blas.py 4", "numpy"
    ),
    "extension": Program(
        "a C extension that computes for long and never releases the GIL",
        "no other thread can run meanwhile",
        "extension.py",
    ),
    "sqlite": Program(
        "4 threads of sqlite3, `group by`",
        "the GIL is released and taken at each row, tens of thousands of times a second",
        "sqlite_threads.py",
    ),
}
PACKAGES = sorted({package for each in PROGRAMS.values() for package in each.packages.split()})
EXTENSION = FOLDER / "keeps_the_gil.c"
