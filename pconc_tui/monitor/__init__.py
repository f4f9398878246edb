"""The monitor: owns a lab, reads its shared block and makes snapshots of it. Never imports Textual."""
