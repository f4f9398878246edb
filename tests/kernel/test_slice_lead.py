"""What slices lack by the records; each is shown 100 us long plus its lead, and the clock counts 104."""

from __future__ import annotations

from pconc_tui.kernel.slice_lead import SliceLead

SHOWN_NS, COUNTED_NS = 100_000, 104_000


class Slices:
    """One thread's slices."""

    def __init__(self, born: bool) -> None:
        self.lead = SliceLead(0)
        if born:
            self.lead.starts()
        self.shown_ns = self.clock_ns = 0

    def run(self, slices: int, most_ns: int = 1_000_000) -> None:
        """`most_ns`: of the lead, so much has room."""
        for _ in range(slices):
            lead_ns = min(self.lead.next_ns(), most_ns)
            self.lead.give(lead_ns)
            self.shown_ns += SHOWN_NS + lead_ns
            self.clock_ns += COUNTED_NS

    def sample(self) -> None:
        self.lead.clock_sampled(self.clock_ns, self.shown_ns)


def test_what_was_missing_before_it_was_known_is_shown_later() -> None:
    slices = Slices(born=True)
    slices.run(60)
    slices.sample()
    assert slices.lead.usual_ns == 4000
    slices.run(24)
    assert slices.shown_ns == slices.clock_ns
    slices.run(500)
    assert slices.shown_ns == slices.clock_ns
    slices.sample()
    assert slices.lead.usual_ns == 4000


def test_what_some_slices_have_no_room_for_others_get() -> None:
    slices = Slices(born=True)
    for _ in range(10):
        for _ in range(60):
            slices.run(1, most_ns=1000)
            slices.run(2)
        slices.sample()
        assert 3900 <= slices.lead.usual_ns <= 4100
    assert abs(slices.clock_ns - slices.shown_ns) <= 10_000


def test_few_slices_make_up_for_what_many_lacked() -> None:
    slices = Slices(born=True)
    slices.run(1000)
    slices.sample()
    assert slices.clock_ns - slices.shown_ns == 4_000_000
    slices.run(70)
    assert slices.clock_ns - slices.shown_ns < 1_500_000


def test_what_very_many_lacked_is_made_up_for_too() -> None:
    slices = Slices(born=True)
    slices.run(10_000)
    slices.sample()
    slices.run(300)
    assert slices.clock_ns - slices.shown_ns < 1_500_000


def test_after_time_that_a_host_took_away_what_is_missing_is_made_up_for() -> None:
    slices = Slices(born=True)
    slices.clock_ns += 500_000_000
    slices.sample()
    slices.run(1000)
    slices.sample()
    slices.run(200)
    assert abs(slices.clock_ns - 500_000_000 - slices.shown_ns) < 100_000


def test_few_slices_are_made_up_for_without_a_guess_at_the_next() -> None:
    slices = Slices(born=True)
    for _ in range(4):
        slices.run(10)
        slices.sample()
        assert slices.lead.usual_ns == 0
    slices.run(10)
    assert slices.clock_ns - slices.shown_ns <= 40_000


def test_of_a_thread_that_was_there_before_only_what_is_recorded_counts() -> None:
    slices = Slices(born=False)
    slices.clock_ns = 7_000_000_000
    slices.sample()
    slices.run(60)
    slices.sample()
    slices.run(60)
    assert slices.shown_ns == slices.clock_ns - 7_000_000_000


def test_readings_at_uneven_distances_owe_nothing_twice() -> None:
    slices = Slices(born=True)
    for count in (60, 600, 55, 3000, 60, 60):
        slices.run(count)
        slices.sample()
    assert abs(slices.clock_ns - slices.shown_ns) < SHOWN_NS
    assert 3900 <= slices.lead.usual_ns <= 4100


def test_what_was_shown_too_much_is_taken_back_from_the_lead() -> None:
    slices = Slices(born=True)
    slices.run(60)
    slices.sample()
    slices.shown_ns += 40_000
    slices.run(100)
    slices.sample()
    slices.run(100)
    assert slices.shown_ns <= slices.clock_ns + 1000


def test_a_clock_read_on_a_core_shows_that_too_much_was_shown_and_never_that_too_little_was() -> None:
    slices = Slices(born=True)
    slices.run(60)
    slices.sample()
    slices.run(60)
    slices.lead.clock_sampled_on_core(slices.clock_ns + 3_000_000, slices.shown_ns)
    assert slices.lead.next_ns() <= 4000
    slices.shown_ns += 400_000
    slices.lead.clock_sampled_on_core(slices.clock_ns + 1000, slices.shown_ns)
    slices.run(60)
    assert slices.shown_ns <= slices.clock_ns + 10_000


def test_time_that_a_host_took_away_is_not_added() -> None:
    slices = Slices(born=True)
    slices.run(60)
    slices.clock_ns -= 500_000_000
    slices.sample()
    assert slices.lead.next_ns() == 0
    slices.run(60)
    slices.clock_ns += 2_000_000_000
    slices.sample()
    assert slices.lead.next_ns() <= 30_000


def test_slices_that_others_contain_count_too() -> None:
    """Nine of ten are left out: their length and their lead are in that of the tenth."""
    slices = Slices(born=True)
    for _ in range(20):
        lead_ns = slices.lead.switch_ns
        for _ in range(60):
            slices.run(1)
            slices.shown_ns += 9 * (SHOWN_NS + lead_ns)
            slices.clock_ns += 9 * COUNTED_NS
            slices.lead.left_out(9)
        slices.sample()
    assert 3900 <= slices.lead.usual_ns <= 4100


def test_after_lost_records_it_begins_anew() -> None:
    slices = Slices(born=True)
    slices.run(60)
    slices.sample()
    slices.lead.forget()
    slices.clock_ns += 1_000_000
    slices.sample()
    before_ns = slices.clock_ns - slices.shown_ns
    slices.run(200)
    assert slices.clock_ns - slices.shown_ns == before_ns
