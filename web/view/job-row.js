import { firstStream } from "../model/job-list.js";
import { ageText, countText, numberText, runTimeText } from "../model/quantity.js";
import { logAddress } from "../model/route.js";
import { endingWords } from "../model/status.js";
import { element, setText } from "./element.js";
import { StatusBadge } from "./status-badge.js";

/** One job in the list: a row that is kept, and brought up to date, as long as the job is shown. */
export class JobRow {
    #badge = new StatusBadge();
    #name = element("a", { class: "job-name" });
    #place = element("span", { class: "place" });
    #reason = element("span", { class: "reason" });
    #gaps = element("span", { class: "gaps" });
    #detail = cell("detail", this.#reason, this.#gaps);
    #lines = cell("lines number");
    #age = cell("age number");
    #runTime = cell("run-time number");
    #job = null;

    constructor() {
        this.element = element("tr", { role: "row" },
            cell("state", this.#badge.element), cell("name", this.#name, this.#place),
            this.#detail, this.#lines, this.#runTime, this.#age);
    }

    /** Shows a job as it is at `now` (milliseconds since 1970). */
    show(job, now) {
        if (job !== this.#job) this.#showJob(job);
        setText(this.#age, ageText(job.createdAt, now));
        setText(this.#runTime, runTimeText(job, now));
    }

    #showJob(job) {
        this.#job = job;
        this.element.dataset.job = `${job.namespace}/${job.workflow}/${job.job}`;
        this.#badge.show(job);
        setText(this.#name, job.job);
        const stream = firstStream(job);
        if (stream === undefined) {
            this.#name.removeAttribute("href");
        } else {
            const { namespace, workflow, uid: run } = job;
            this.#name.href = logAddress({ namespace, workflow, job: job.job, run, ...stream });
        }
        setText(this.#place, placeText(job));
        setText(this.#reason, reasonText(job));
        setText(this.#gaps, job.gaps > 0 ? countText(job.gaps, "gap") : "");
        this.#detail.title = job.message ?? "";
        const isCounted = job.status === "end" && job.lines !== undefined;
        setText(this.#lines, isCounted ? numberText(job.lines) : "");
    }
}

/** Why a job is where it is. A success needs no reason. */
function reasonText(job) {
    if (job.status !== "end") return job.message || job.reason || "";
    return job.outcome === "success" ? "" : endingWords(job);
}

function placeText({ namespace, workflow, stage, job }) {
    const names = [namespace];
    if (workflow !== job) names.push(workflow);
    if (stage !== undefined && stage !== "") names.push(stage);
    return names.join(" / ");
}

function cell(name, ...children) {
    return element("td", { role: "cell", class: name }, ...children);
}
