import { h } from "./element.js";

export function loginView({ problem, enter }, { daemon, refresh }) {
  async function submit(event) {
    event.preventDefault();
    const { token, keep } = event.target.elements;
    daemon.useToken(token.value.trim(), keep.checked);
    try {
      await daemon.whoami();
      enter();
    } catch ({ code, message }) {
      daemon.useToken(null);
      problem = code === 401
        ? "This token is not accepted." : `The token could not be tried: ${message}`;
      token.select();
      refresh();
    }
  }

  return {
    title: "Sign in",
    isLogin: true,
    accept: () => true,
    draw: () => h("section.login", h("form", { onsubmit: submit }, h("h1", "Sign in"),
      h("label", { for: "token" }, "Token"),
      h("input", { id: "token", type: "password", required: true, autocomplete: "off",
        autofocus: true }),
      h("label.keep", h("input", { id: "keep", type: "checkbox" }),
        "Keep it until this tab is closed"),
      h("button", "Sign in"), h("p.refused", { role: "alert" }, problem),
      h("p.hint", "For example from ", h("code", "kubectl create token NAME")))),
  };
}
