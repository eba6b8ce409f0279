// How a job's status reads and looks. Each has its own shape as well as its own tone, so that it
// can be told without seeing colour.

const looks = {
    pending: { label: "Pending", shape: "dashes", tone: "muted", group: "waiting" },
    scheduling: { label: "Scheduling", shape: "dot", tone: "muted", group: "waiting" },
    running: { label: "Running", shape: "play", tone: "active", group: "running" },
    paused: { label: "Paused", shape: "bars", tone: "warning", group: "waiting" },
    success: { label: "Success", shape: "check", tone: "good", group: "success" },
    failure: { label: "Failure", shape: "cross", tone: "bad", group: "failure" },
    timeout: { label: "Timeout", shape: "triangle", tone: "bad", group: "failure" },
    canceled: { label: "Canceled", shape: "slash", tone: "muted", group: "canceled" },
};

/** The groups that the list can be narrowed to, in the order in which they are offered. */
export const statusGroups = [
    { group: "running", label: "Running" },
    { group: "waiting", label: "Waiting" },
    { group: "failure", label: "Failed" },
    { group: "success", label: "Succeeded" },
    { group: "canceled", label: "Canceled" },
];

/**
 * The look of a job: `{ key, label, shape, tone, group }`. A status that this page does not know
 * keeps its own word.
 */
export function statusLook({ status, outcome }) {
    const key = status === "end" ? outcome ?? "end" : status ?? "unknown";
    const look = Object.hasOwn(looks, key) ? looks[key] : undefined;
    return { key, ...(look ?? { label: key, shape: "dashes", tone: "muted", group: "other" }) };
}

/** Why a job ended as it did, in a few words: `exit 3, OOMKilled`. Empty when there is nothing. */
export function endingWords({ exitCode, reason }) {
    const words = [];
    if (exitCode !== undefined) words.push(`exit ${exitCode}`);
    if (reason !== undefined && reason !== "" && reason !== "Completed") words.push(reason);
    return words.join(", ");
}
