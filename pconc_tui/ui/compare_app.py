"""The app's part that compares: asks for the scope, starts the comparison and shows it."""

from __future__ import annotations

from functools import partial

from pconc_tui.comparison.scope import Offer, Scope, known_run_s
from pconc_tui.ui.tour_app import TourApp


class CompareApp(TourApp):
    """Compares what is chosen on the dashboard that the subclass makes."""

    _last_scope: tuple[Offer, Scope] | None = None
    """What was compared last, and what there was to compare."""

    def action_compare(self) -> None:
        """Show the comparison that is running, or the last one of what is chosen; else ask what to compare."""
        last = self._dashboard.latest.comparison
        chosen = self.settings.experiment_id, self.settings.variant
        if last and (last.current is not None or (last.plan.experiment, last.plan.variant) == chosen):
            self._show_comparison()
        else:
            self._ask_scope()

    def action_stop_all(self) -> None:
        """Stop all workers, and cancel a measurement or comparison."""
        self.request(lambda controller: controller.stop_all())

    def _ask_scope(self) -> None:
        from pconc_tui.ui.screens.compare_scope import CompareScope

        if self.searching:
            self.notify("Still searching for interpreters; try again in a moment.", severity="warning")
            return
        settings, snapshot = self.settings, self._dashboard.latest
        offer = Offer(
            settings.experiment_id,
            settings.variant,
            settings.interpreter,
            settings.interpreters,
            settings.workers,
            snapshot.core_count,
            settings.start_method,
        )
        scope = self._last_scope[1] if self._last_scope and self._last_scope[0] == offer else offer.usual
        run_s = known_run_s(snapshot, offer.experiment, offer.variant)
        self._show_over(CompareScope(offer, scope, run_s), partial(self._compare, offer))

    def _compare(self, offer: Offer, scope: Scope | None) -> None:
        if scope is None:
            return
        self._last_scope = offer, scope
        self._dashboard.unfreeze()
        if self.request(lambda controller: controller.compare(offer.plan(scope))):
            self._show_comparison()

    def _show_comparison(self) -> None:
        from pconc_tui.ui.screens.compare import CompareScreen

        self._show_over(CompareScreen(self._ask_scope, self.action_stop_all))
        self.tick()
