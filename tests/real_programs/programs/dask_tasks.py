"""A dask cluster of one worker process with four threads, and a client that gives it work."""

from dask.distributed import Client, LocalCluster


def burn(n):
    return sum(step * step for step in range(n))


if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=4, dashboard_address=None) as cluster, Client(cluster) as client:
        while True:
            client.gather(client.map(burn, range(1_000_000, 1_000_008), pure=False))
