"""Checks one job of a run: its end, its sums, its exit codes and its outputs."""

from api import get
from outputs import announced, printed


def job_problems(daemon, feed, uid, pod, turn, streams):
    """What is wrong with the job of a Pod whose streams have been judged.

    `turn` says which of the Pods of that name it is, counted from 0.
    """
    path = f"/v1/jobs/default/{pod.name}"
    answer = get(daemon, path, uid=uid)
    if answer.status_code != 200:
        return [f"the daemon does not know the job: {answer.status_code}"]
    job = answer.json()
    if job["status"] != "end":
        return [f"the job is {job['status']}"]
    end, problems = feed.end_of(f"default/{job['workflow']}/{job['job']}", turn, uid)
    lines = sum(stream.stored.count for stream in streams)
    gaps = sum(len(stream.stored.gaps) for stream in streams)
    for name, facts in (("the job", job), ("podwire.job.end", end)):
        if facts and (facts["lines"], facts["gaps"]) != (lines, gaps):
            problems.append(f"{name} counts {facts['lines']} lines, {facts['gaps']} gaps; "
                            f"stored are {lines}, {gaps}")
    problems += exit_problems(pod, job, streams)
    problems += output_problems(get(daemon, path + "/outputs", uid=uid).json(), end, pod, streams)
    return problems


def exit_problems(pod, job, streams):
    """Exit codes that differ from the script's, and the outcome of a Pod that still exists."""
    if pod.delete_at:
        return []
    codes = {
        attempt["stream"]: attempt.get("exitCode")
        for each in job["pods"] for container in each["containers"]
        for attempt in container["attempts"]}
    problems = []
    for stream in streams:
        if stream.kind != "main":
            continue
        expected = 1 if stream.attempt < pod.restarts else pod.exit_code
        code = codes.get(stream.id)
        # Whoever did not see the end of an instance that is gone cannot know its exit code.
        if code != expected and not (code is None and stream.facts["lost"]):
            problems.append(f"{stream.id} has exit code {code}, not {expected}")
    if not any(stream.facts["lost"] for stream in streams):
        outcome = "failure" if pod.exit_code else "success"
        if job.get("outcome") != outcome:
            problems.append(f"the outcome is {job.get('outcome')}, not {outcome}")
    return problems


def output_problems(document, end, pod, streams):
    """Outputs that are not what the stored logs of the main containers say."""
    token = pod.annotations.get("podwire.dev/output-token")
    candidates = {}
    for stream in sorted(streams, key=lambda stream: stream.attempt):
        if stream.kind == "main":
            for key, value in printed(stream.runs(), token).items():
                # The last instance counts; several containers of a Pod may be in any order.
                known = candidates.setdefault(key, {})
                known[stream.container] = value
    found = announced(document)
    problems = [
        f"output {key} is {found.get(key, b'missing')[:80]!r}, printed was {values!r:.200}"
        for key, values in candidates.items() if found.get(key) not in values.values()]
    problems += [f"output {key} was never printed" for key in found.keys() - candidates.keys()]
    if end and announced({"outputs": {}, **end}).keys() != found.keys():
        problems.append("podwire.job.end has other outputs")
    return problems
