import { statusLook } from "../model/status.js";
import { element } from "./element.js";
import { statusIcon } from "./status-icon.js";

/** A job's status as icon and word, drawn anew only when it changes. */
export class StatusBadge {
    #key = "";

    element = element("span", { class: "status" });

    /** Shows the status of a job. Returns the look. */
    show(job) {
        const look = statusLook(job);
        if (look.key !== this.#key) {
            this.#key = look.key;
            this.element.dataset.tone = look.tone;
            this.element.dataset.status = look.key;
            this.element.replaceChildren(statusIcon(look), element("span", {}, look.label));
        }
        return look;
    }
}
