"""A tour in another terminal: what its presenter sees there, and the socket through which it is sent."""
