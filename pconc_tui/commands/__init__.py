"""The command line's commands, one module each, in the process that the user starts; they may import every part."""
