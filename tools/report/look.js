// What the scripts of Fathom's pages share. One global, `fathom`; see report/__init__.py.
"use strict";

const fathom = {
    // kernel/context/rule.hpp, each rule's claim in a sentence.
    rules: {
        1: "rule 1: only ever on kernel threads, whose stacks are populated",
        2: "rule 2: only ever on an interrupt, exception or syscall stack",
        3: "rule 3: inside another section, whose window covers this one",
        4: "rule 4: interrupts and preemption are on, so the stack is touched ahead",
        5: "rule 5: unknown here, so a test at run time decides whether to touch ahead",
    },

    /** What was given to page.write() as data[name]: gzip and base64 in a script element. */
    async data(name) {
        const text = document.getElementById("data-" + name).textContent;
        const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
        const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
        return JSON.parse(await new Response(stream).text());
    },

    group(number) {
        return Math.round(number).toString().replace(/\B(?=(\d{3})+$)/g, ",");
    },

    bytes(count) {
        const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        let unit = 0;
        while (count >= 1024 && unit < units.length - 1) {
            count /= 1024;
            unit += 1;
        }
        return (count >= 100 || Number.isInteger(count) ? Math.round(count).toString()
                                                        : count.toFixed(1)) + " " + units[unit];
    },

    color(name) {
        return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
    },

    /** Shows `text` beside the pointer; an empty text hides it. Never leaves the window. */
    tooltip(text, x, y) {
        let box = document.querySelector(".tooltip");
        if (box === null) {
            box = document.body.appendChild(document.createElement("div"));
            box.className = "tooltip";
            box.setAttribute("role", "status");
        }
        box.hidden = !text;
        if (!text) {
            return;
        }
        box.textContent = text;
        const { width, height } = box.getBoundingClientRect();
        box.style.left = Math.max(4, Math.min(x + 14, innerWidth - width - 4)) + "px";
        box.style.top = (y + 18 + height > innerHeight ? Math.max(4, y - height - 10) : y + 18)
            + "px";
    },

    setTheme(theme) {
        document.documentElement.dataset.theme = theme;
        document.dispatchEvent(new CustomEvent("fathom-theme", { detail: theme }));
    },
};

{
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const asked = new URLSearchParams(location.search).get("theme");
    fathom.setTheme(asked || (dark.matches ? "dark" : "light"));
    dark.addEventListener("change", () => fathom.setTheme(dark.matches ? "dark" : "light"));
    addEventListener("DOMContentLoaded", () => {
        document.getElementById("theme").addEventListener("click", () => {
            const now = document.documentElement.dataset.theme;
            fathom.setTheme(now === "dark" ? "light" : "dark");
        });
        // What has a hint shows it beside the pointer: <rect data-hint="...">.
        document.addEventListener("pointermove", (event) => {
            const owner = event.target.closest("[data-hint]");
            if (owner) {
                fathom.tooltip(owner.dataset.hint, event.clientX, event.clientY);
            } else if (event.target.tagName !== "CANVAS") {
                fathom.tooltip("");
            }
        });
    });
}
