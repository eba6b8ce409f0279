"""Log text, a timestamp before each line, whose lines can be addressed by number."""

import re


class LogText:
    """Bytes and where their lines start. The last line may lack its newline."""

    def __init__(self, data):
        self.data = data
        self.starts = [0]
        self.starts += [match.end() for match in re.finditer(rb"\n", data)]
        if self.starts[-1] != len(data):
            self.starts.append(len(data))

    def __len__(self):
        return len(self.starts) - 1

    def line(self, number):
        return self.data[self.starts[number]:self.starts[number + 1]]

    def lines(self, first=0):
        """The lines from number `first` on."""
        return (self.line(number) for number in range(first, len(self)))

    def number_at(self, offset):
        """The number of the line that starts at `offset`; None inside a line."""
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if self.starts[middle] < offset:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.starts) and self.starts[low] == offset else None
