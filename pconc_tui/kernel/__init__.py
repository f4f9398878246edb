"""Reads the kernel's scheduling records of threads, and makes the states of each thread of them.

Linux only, standard library only. Runs in the sampler's process.
"""
