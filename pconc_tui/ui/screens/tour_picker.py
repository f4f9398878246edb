"""The picker of tours."""

from __future__ import annotations

from rich.text import Text
from textual.widgets.option_list import Option

from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text.printable import printable
from pconc_tui.tours import library
from pconc_tui.tours.tour import Tour
from pconc_tui.ui.drawing.palette import BRIGHT, TEXT
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.screens.picker import Choices, Picker


def tour_picker(settings: LaunchSettings, searching: bool) -> Picker[Tour]:
    """A list of the tours that come with the program; the settings stay as they are."""
    return Picker("Take a tour", "T", tours, lambda settings, _: settings, settings, searching)


def tours(settings: LaunchSettings, searching: bool) -> Choices[Tour]:
    """All tours; one that runs a person's own function with the one that is chosen, if any is."""
    values = tuple(_with_function(each, settings) for each in library.all_tours())
    return Choices(values, [_line(each) for each in values], 0)


def _line(tour: Tour) -> Option:
    name, title = (f"{tour.name:<16} ", BRIGHT), (printable(tour.title), TEXT)
    return Option(Text.assemble(name, title))


def _with_function(tour: Tour, settings: LaunchSettings) -> Tour:
    """The tour with the function that is chosen on the dashboard, if it needs one and one is."""
    if not (tour.needs_function and names_function(settings.experiment_id)):
        return tour
    return tour.with_function(settings.experiment_id, settings.experiment.variant, settings.experiment.models[0])
