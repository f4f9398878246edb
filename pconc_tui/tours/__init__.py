"""Guided tours: text files of steps that say something, ask, run an experiment and reveal its figures. Pure."""
