import { jobKey } from "../model/job-list.js";
import { countText } from "../model/quantity.js";
import { jobsAddress } from "../model/route.js";
import { statusGroups } from "../model/status.js";
import { element, setText } from "./element.js";
import { Flush } from "./flush.js";
import { JobRow } from "./job-row.js";

/** Rows shown at first, and added by each "more". */
const rowStep = 200;
const columns = ["Status", "Job", "Detail", "Lines", "Ran for", "Created"];

/** The list of jobs with its filter. Rows are kept by job, and moved only when order changes. */
export class JobsView {
    title = "Jobs · Podwire";
    #feed;
    #announcer;
    #filter;
    #limit = rowStep;
    #rows = new Map();
    #flush = new Flush(() => this.#update());
    #clock = null;
    #ends = new AbortController();
    #text;
    #status;
    #body = element("tbody", { role: "rowgroup" });
    #summary = element("span", { class: "summary" });
    #empty = element("p", { class: "empty", hidden: true });
    #more = element("button", { type: "button", class: "more", hidden: true });

    constructor({ text, status }, { feed, announcer }) {
        this.#feed = feed;
        this.#announcer = announcer;
        this.#filter = { text, status };
        this.#text = element("input", {
            type: "search", value: text, placeholder: "Filter jobs", "aria-label": "Filter jobs",
            autocomplete: "off", spellcheck: "false", "aria-keyshortcuts": "/",
        });
        this.#status = element("select", { "aria-label": "Status" },
            element("option", { value: "" }, "All statuses"),
            ...statusGroups.map(({ group, label }) => element("option", { value: group }, label)));
        this.#status.value = status;
        const heads = columns.map((name) =>
            element("th", { role: "columnheader", scope: "col" }, name));
        this.element = element("section", { class: "jobs" },
            element("div", { class: "bar" }, element("h1", {}, "Jobs"),
                this.#summary, this.#text, this.#status),
            element("table", { role: "table", "aria-label": "Jobs, newest first" },
                element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)),
                this.#body),
            this.#empty, this.#more);
    }

    start() {
        const { signal } = this.#ends;
        this.#feed.addEventListener("change", () => this.#flush.request(), { signal });
        this.#feed.addEventListener("phase", () => this.#flush.request(), { signal });
        this.#text.addEventListener("input", () => this.#narrow(), { signal });
        this.#status.addEventListener("change", () => this.#narrow(), { signal });
        this.#more.addEventListener("click", () => this.#showMore(), { signal });
        document.addEventListener("keydown", (event) => this.#key(event), { signal });
        this.#clock = setInterval(() => this.#flush.request(), 1000);
        this.#update();
    }

    close() {
        this.#ends.abort();
        this.#flush.cancel();
        clearInterval(this.#clock);
    }

    /** Takes a new filter from the address without building the list anew. */
    accept(route) {
        if (route.name !== "jobs") return false;
        this.#filter = { text: route.text, status: route.status };
        if (this.#text.value !== route.text) this.#text.value = route.text;
        this.#status.value = route.status;
        this.#flush.request();
        return true;
    }

    #narrow() {
        this.#filter = { text: this.#text.value, status: this.#status.value };
        this.#limit = rowStep;
        history.replaceState(null, "", jobsAddress(this.#filter));
        this.#flush.request();
    }

    async #showMore() {
        const { matching } = this.#feed.list.rows(this.#filter, 0);
        this.#limit += rowStep;
        if (matching < this.#limit && this.#feed.list.rest !== undefined) {
            this.#more.disabled = true;
            try {
                await this.#feed.loadMore();
            } catch (error) {
                this.#announcer.say(`Older jobs could not be loaded: ${error.message}`);
            }
            this.#more.disabled = false;
        }
        this.#flush.request();
    }

    #key(event) {
        const isTyping = event.target instanceof HTMLInputElement;
        if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            this.#text.focus();
        } else if (event.key === "Escape" && event.target === this.#text) {
            this.#text.value = "";
            this.#narrow();
        }
    }

    #update() {
        const { jobs, matching } = this.#feed.list.rows(this.#filter, this.#limit);
        this.#showRows(jobs);
        const known = this.#feed.list.size;
        const hasRest = this.#feed.list.rest !== undefined;
        const isFiltered = this.#filter.text !== "" || this.#filter.status !== "";
        setText(this.#summary, isFiltered
            ? `${matching} of ${countText(known, "job")}${hasRest ? " loaded" : ""}`
            : countText(known, "job") + (hasRest ? " loaded" : ""));
        this.#more.hidden = !(matching > jobs.length || hasRest);
        setText(this.#more, hasRest && matching <= jobs.length ? "Load older jobs" : "Show more");
        this.#empty.hidden = matching > 0;
        setText(this.#empty, this.#emptyText(known));
    }

    #emptyText(known) {
        if (known > 0) return "No job matches this filter.";
        if (this.#feed.phase === "live") return "No jobs yet. They show here as they begin.";
        return this.#feed.phase === "loading" ? "Loading jobs" : "The daemon cannot be reached.";
    }

    #showRows(jobs) {
        const now = Date.now();
        const wanted = new Set(jobs.map(jobKey));
        for (const [key, row] of this.#rows) {
            if (wanted.has(key)) continue;
            row.element.remove();
            this.#rows.delete(key);
        }
        let place = this.#body.firstElementChild;
        for (const job of jobs) {
            const key = jobKey(job);
            const row = this.#rows.get(key) ?? new JobRow();
            this.#rows.set(key, row);
            row.show(job, now);
            if (row.element === place) place = place.nextElementSibling;
            else this.#body.insertBefore(row.element, place);
        }
    }
}
