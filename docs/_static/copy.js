// A button at each block of code that copies it. Without scripts there is none, and nothing lacks.
document.addEventListener("DOMContentLoaded", () => {
  for (const block of document.querySelectorAll(".bd-article div.highlight")) {
    const button = document.createElement("button");
    const say = (words) => {
      button.textContent = words;
    };
    button.type = "button";
    button.className = "copy";
    say("Copy");
    button.addEventListener("click", async () => {
      const code = block.querySelector("pre");
      try {
        await navigator.clipboard.writeText(code.textContent.trimEnd() + "\n");
        say("Copied");
      } catch {
        // A browser that does not allow it: what is marked is copied by a key.
        getSelection().selectAllChildren(code);
        say("Marked");
      }
      setTimeout(say, 2000, "Copy");
    });
    block.prepend(button);
  }
});
