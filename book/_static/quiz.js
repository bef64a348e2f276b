/* Quizzes: choosing, score and a review of mistakes, on top of a list that reads without a script.
 * What is right stands in the page, made by the engine when the book was built; nothing is decided here.
 */
(function () {
  "use strict";

  const make = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  /* Turns a question's list into a group of radio buttons, named by the question. */
  const prepare = (question) => {
    const list = question.querySelector(".quiz-choices");
    const group = make("div", "quiz-group");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-labelledby", question.querySelector(".quiz-ask").id);
    [...list.children].forEach((item, place) => {
      const label = make("label", "quiz-option");
      const button = make("input");
      button.type = "radio";
      button.name = question.id;
      button.value = String(place);
      button.dataset.right = item.dataset.right;
      const text = make("span", "", String.fromCharCode(65 + place) + ". " + item.textContent.trim());
      const verdict = make("span", "quiz-verdict");
      label.append(button, text, verdict);
      group.append(label);
    });
    list.replaceWith(group);
  };

  const prepareQuiz = (quiz) => {
    const questions = [...quiz.querySelectorAll(".quiz-question")];
    questions.forEach(prepare);
    const bar = make("div", "quiz-bar");
    const check = make("button", "", "Check my answers");
    const again = make("button", "", "Start again");
    const result = make("div", "quiz-result");
    check.type = again.type = "button";
    again.hidden = true;
    result.setAttribute("role", "status");
    result.setAttribute("aria-live", "polite");
    bar.append(check, again);
    quiz.append(bar, result);

    check.addEventListener("click", () => {
      const missed = [];
      let open = 0;
      let right = 0;
      questions.forEach((question, place) => {
        const chosen = question.querySelector("input:checked");
        if (!chosen) open += 1;
        else if (chosen.dataset.right === "yes") right += 1;
        else missed.push(place);
        question.querySelectorAll(".quiz-option").forEach((option) => {
          const button = option.querySelector("input");
          const verdict = option.querySelector(".quiz-verdict");
          verdict.textContent = "";
          if (chosen && button.dataset.right === "yes") verdict.textContent = " ✓ right";
          else if (button === chosen) verdict.textContent = " ✗ not this one";
        });
        question.querySelector(".quiz-solution").open = Boolean(chosen) && chosen.dataset.right !== "yes";
      });
      result.textContent = "";
      const unanswered = open ? " " + open + " not answered." : "";
      result.append(make("p", "", right + " of " + questions.length + " right." + unanswered));
      if (missed.length) {
        const line = make("p", "", "Look again at: ");
        missed.forEach((place, at) => {
          const link = make("a", "", "question " + (place + 1));
          link.href = "#" + questions[place].id;
          line.append(at ? ", " : "", link);
        });
        result.append(line);
      }
      again.hidden = false;
    });

    again.addEventListener("click", () => {
      quiz.querySelectorAll("input").forEach((button) => (button.checked = false));
      quiz.querySelectorAll(".quiz-verdict").forEach((verdict) => (verdict.textContent = ""));
      quiz.querySelectorAll(".quiz-solution").forEach((solution) => (solution.open = false));
      result.textContent = "All answers are cleared.";
      again.hidden = true;
      quiz.querySelector("input").focus();
    });
  };

  document.querySelectorAll(".quiz").forEach(prepareQuiz);
})();
