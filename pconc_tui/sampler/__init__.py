"""The sampler: a process that looks at workers from outside and notes what they do, for code that tells nothing itself.

It shares no GIL with the workers nor with the app, asks nothing of either, and needs Linux's /proc.
"""
