"""The commands of the command line: one file each, that declares its arguments and carries it out."""
