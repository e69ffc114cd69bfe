"""What goes wrong on demand in the redshift stand-in: faults, and the end of a connection."""


class Ending(Exception):
    """Ends a connection: how is close, reset or hang; orderly when it is no fault."""

    def __init__(self, how, why, orderly=False):
        self.how, self.why, self.orderly = how, why, orderly
        super().__init__(why)


class Fault:
    """point=action, where point may carry a row number and action a value."""

    POINTS = ("before-auth", "after-statuses", "row", "mid-row", "before-complete",
              "before-ready", "cancel")
    ACTIONS = ("close", "reset", "hang", "slow", "garbage", "error", "byte", "cut")

    def __init__(self, text):
        self.text = text
        parts = text.strip().split("=", 2)
        self.point = parts.pop(0)
        if self.point not in self.POINTS:
            raise ValueError("unknown fault point %r" % self.point)
        self.number = 0
        if self.point in ("row", "mid-row"):
            if not parts or not parts[0].isdigit():
                raise ValueError("%s wants a row number" % self.point)
            self.number = int(parts.pop(0))
            parts = "=".join(parts).split("=", 1)
        self.action = parts[0] if parts else ""
        self.value = "=".join(parts[1:])
        if self.action not in self.ACTIONS:
            raise ValueError("unknown fault action %r" % self.action)
        if self.action in ("slow", "cut") and not self.value.isdigit():
            raise ValueError("%s wants a number" % self.action)


def parse_faults(text):
    return [Fault(part) for part in text.split("&") if part.strip()]


class FaultSet:
    def __init__(self, faults):
        self.faults = list(faults)
        self.rows = {f.number: f for f in self.faults if f.point == "row"}
        self.mid_rows = {f.number: f for f in self.faults if f.point == "mid-row"}
        self.points = {f.point: f for f in self.faults if f.point not in ("row", "mid-row")}
        # Whether result messages must be looked at one by one.
        self.in_result = bool(self.rows or self.mid_rows or "before-complete" in self.points)

    def with_more(self, faults):
        return FaultSet(self.faults + list(faults))
