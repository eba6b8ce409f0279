import { choiceKey, chosenAttempt, logChoices } from "../model/log-choice.js";
import { countText, runTimeText } from "../model/quantity.js";
import { logAddress } from "../model/route.js";
import { endingWords } from "../model/status.js";
import { element, setText } from "./element.js";
import { OutputList } from "./output-list.js";
import { StatusBadge } from "./status-badge.js";

/** What is known of the job whose log is shown, and which of its logs that is. */
export class LogHeader {
    #route;
    #announcer;
    #badge = new StatusBadge();
    #outputs = new OutputList();
    #status = "";
    #choices = "";
    #place = element("p", { class: "place" });
    #ending = element("span", { class: "ending" });
    #runTime = element("span", { class: "run-time" });
    #gaps = element("span", { class: "gaps" });
    #select = element("select", { "aria-label": "Container" });
    #newer = element("a", { class: "newer", hidden: true });

    constructor(route, { announcer }) {
        this.#route = route;
        this.#announcer = announcer;
        const { namespace, workflow, job, pod } = route;
        const names = [namespace];
        if (workflow !== undefined && workflow !== job) names.push(workflow);
        setText(this.#place, names.join(" / "));
        this.element = element("header", { class: "log-header" },
            element("div", { class: "title" }, this.#place, element("h1", {}, job ?? pod)),
            element("div", { class: "facts" },
                this.#badge.element, this.#ending, this.#runTime, this.#gaps));
        this.#select.append(element("option", {}, route.container));
    }

    /** The choice of container and attempt, and the way to a later attempt. */
    get choice() {
        return [this.#select, this.#newer];
    }

    get outputs() {
        return this.#outputs.element;
    }

    start(signal) {
        this.#select.addEventListener("change", () => {
            location.hash = this.#select.value;
        }, { signal });
    }

    /** Shows a job as it is at `now`; undefined while nothing is known of it. */
    show(job, now) {
        this.#badge.element.hidden = job === undefined;
        if (job === undefined) return;
        const look = this.#badge.show(job);
        setText(this.#ending, endingWords(job));
        setText(this.#runTime, runTimeText(job, now));
        setText(this.#gaps, job.gaps > 0 ? countText(job.gaps, "gap") : "");
        this.#outputs.show(job.outputs ?? {});
        this.#showChoices(job);
        if (this.#status !== "" && this.#status !== look.key) {
            this.#announcer.say(`${job.job}: ${look.label} ${endingWords(job)}`);
        }
        this.#status = look.key;
    }

    #showChoices(job) {
        const chosen = chosenAttempt(job, this.#route);
        const choices = logChoices(job);
        const known = choices.map(({ key, label }) => `${key} ${label}`).join("\n");
        if (chosen !== undefined && known !== this.#choices) {
            this.#choices = known;
            this.#select.replaceChildren(...choices.map((choice) =>
                element("option", { value: this.#address(job, choice) }, choice.label)));
            const current = choiceKey({
                ...this.#route, uid: chosen.uid, attempt: chosen.attempt.attempt,
            });
            this.#select.selectedIndex = choices.findIndex(({ key }) => key === current);
        }
        const isOld = chosen !== undefined && !chosen.isLatest;
        this.#newer.hidden = !isOld;
        if (!isOld) return;
        setText(this.#newer, `Attempt ${chosen.latest} has started`);
        this.#newer.href = this.#address(job, { ...this.#route, attempt: chosen.latest });
    }

    #address(job, choice) {
        const { workflow, job: name, uid: run } = job;
        return logAddress({ ...choice, workflow, job: name, run });
    }
}
