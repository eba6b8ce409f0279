"""What the comparison of one stream found."""

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """Figures of one stream, and in words what is wrong with it."""

    written: int = 0
    stored: int = 0
    certain: int = 0
    possible: int = 0
    """Gap records by their certainty."""
    idle: int = 0
    """Gap records behind which nothing is missing."""
    missing: int = 0
    """Lines that are missing where a gap record says so."""
    lost: int = 0
    """Lines that are missing where nothing says so."""
    repeated: int = 0
    """Lines that come again, or behind their place."""
    changed: int = 0
    """Lines that nobody wrote."""
    unexplained: list[str] = field(default_factory=list)
    """Gap records that nothing made unavoidable."""
    problems: list[str] = field(default_factory=list)
    """All else: what the feed, the job or the end says wrongly."""
    findings: list[str] = field(default_factory=list)
    """Where lines were lost, repeated or changed."""

    @property
    def passed(self):
        return not (self.lost or self.repeated or self.changed or self.unexplained or self.problems)

    @property
    def complaints(self):
        """All that is wrong, a line each."""
        return (self.findings + [f"unexplained gap: {each}" for each in self.unexplained]
                + self.problems)
