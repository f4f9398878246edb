"""An ASGI application: an endpoint that computes in the event loop, and one that awaits a service."""

import asyncio


def burn():
    return sum(step * step for step in range(300_000))


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/cpu":
        body = str(burn())
    else:
        await asyncio.sleep(0.1)
        body = "done"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body.encode()})
