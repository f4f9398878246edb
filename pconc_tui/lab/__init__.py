"""The lab: the process that holds the workers. Standard library only, any CPython from 3.9 on."""
