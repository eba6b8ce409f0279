"""Compares what Podwire stored of a log with what the container wrote.

Pure: nothing here knows where the two texts come from, so the same rules judge the simulated
cluster and a real one.

| file | what |
| --- | --- |
| `text` | log text whose lines can be addressed by number |
| `truth` | what was written, and what made it unreadable: rotations, bodies, losses |
| `stored` | what the daemon gave back, taken apart into runs of lines and gap records |
| `checker` | the comparison |
| `diagnosis` | what is wrong with a run that is not what was written |
| `verdict` | what a comparison found |
"""
