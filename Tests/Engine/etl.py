"""The workflow of the tests: three stages, jobs side by side, a break, outputs that become inputs.

Each job is told twice: as a shell script for real containers, and as annotations for podwire-sim,
which runs no commands. Both print the same outputs; which inputs came is seen in the Pods.
"""

OUTPUTS = {
    "orders": {"rows": "3"},
    "customers": {"rows": "4", "path": "/a=b c"},
    "join": {"total": "7"},
    "audit": {"checked": "3"},
    "publish": {"published": "7 of 3"},
}
"""What each job puts out when all goes well."""

INPUTS = {
    "join": {"ORDERS": "3", "CUSTOMERS": "4"},
    "audit": {"ORDERS": "3"},
    "publish": {"TOTAL": "7", "CHECKED": "3"},
}
"""The environment variables of each job, beside the number of its attempt."""

SCRIPTS = {
    "orders": "echo JOB_OUT rows=3",
    "customers": "echo JOB_OUT rows=4; echo 'JOB_OUT path=/a=b c'",
    "join": "echo JOB_OUT total=$((ORDERS + CUSTOMERS))",
    "audit": "echo JOB_OUT checked=$ORDERS",
    "publish": 'echo "JOB_OUT published=$TOTAL of $CHECKED"',
}

LINES = 10
"""Lines that each job prints beside its outputs, ten a second."""


def plan(world, name="etl", run="first", **changes):
    """The plan for a world; `changes` replace members of jobs, by the job's name."""
    def job(name, kind="Pod", **members):
        return {
            "name": name, "kind": kind if kind in world.kinds else "Pod", "image": world.image,
            **work(name), **members, **changes.get(name, {})}

    def output(job, key):
        return {"job": job, "output": key}

    return {"namespace": world.namespace, "workflow": name, "run": run, "stages": [
        {"name": "extract", "jobs": [job("orders"), job("customers", "Job")]},
        {"name": "transform", "jobs": [
            job("join", "Job", env={
                "ORDERS": output("orders", "rows"), "CUSTOMERS": output("customers", "rows")}),
            job("audit", env={"ORDERS": output("orders", "rows")})]},
        {"name": "approve", "type": "break"},
        {"name": "load", "jobs": [job("publish", needs=["join", "audit"], env={
            "TOTAL": output("join", "total"), "CHECKED": output("audit", "checked")})]},
    ]}


def work(name, lines=LINES, exit_code=0):
    """What a job does: prints lines, then its outputs, then exits."""
    outputs = OUTPUTS[name]
    # podwire-sim spreads the outputs over the lines.
    return {
        "command": ["sh", "-c", (
            f"i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo line $i; sleep 0.1; done;"
            f" {SCRIPTS[name]}; exit {exit_code}")],
        "annotations": {
            "sim.podwire.dev/lines": str(lines), "sim.podwire.dev/rate": "10",
            "sim.podwire.dev/exit-code": str(exit_code),
            "sim.podwire.dev/outputs": ";".join(f"{k}={v}" for k, v in outputs.items())},
    }
