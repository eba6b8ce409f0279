import { countText, numberText } from "../model/quantity.js";
import { logText } from "../net/log-text.js";
import { button, h } from "./element.js";

export function lineChoice(log, { first, last }, { say, change }) {
  const copy = async (what, text) => {
    try {
      if (!navigator.clipboard) throw new Error("it takes HTTPS or localhost");
      await navigator.clipboard.writeText(await text);
      say(`${what} copied.`);
    } catch (error) {
      say(`Not copied: ${error.message}`);
    }
  };
  const numbers = [...new Set([first, last])].map(numberText).join("–");
  return h("div.bar.choice", { key: "choice", role: "group", "aria-label": "Chosen lines" },
    `Line${first === last ? "" : "s"} ${numbers}`,
    button("Copy text", () => copy(countText(last - first + 1, "line"), logText(log, first, last))),
    button("Copy link", () => copy("Link", location.href)),
    button("✕", () => change({ lines: undefined }), { "aria-label": "Choose no line" }));
}
