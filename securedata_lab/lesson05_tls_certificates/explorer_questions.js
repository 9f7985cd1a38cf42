  const { questions, servers } = data;
  const asked = questions.map(() => false);

  const boxes = questions.map((question, n) => {
    const box = made("input", { type: "checkbox" });
    box.addEventListener("change", () => ((asked[n] = box.checked), show()));
    return made("label", {}, box, ` ${n + 1}. ${question}`);
  });
  const cards = servers.map(({ title, why }) => {
    const [mark, reason] = [made("b"), made("span")];
    const card = made("li", {}, mark, made("strong", { textContent: title }), made("span", { textContent: why }), reason);
    return { card, mark, reason };
  });
  const said = live();

  function show() {
    const verdicts = servers.map(({ answers }) => answers.flatMap((yes, n) => (asked[n] && !yes ? [n + 1] : [])));
    verdicts.forEach((no, n) => {
      const { card, mark, reason } = cards[n];
      card.className = no.length ? "out" : n ? "in" : "shop";
      mark.textContent = no.length ? "✗ kept out" : "→ gets in";
      reason.textContent = no.length ? `by question ${no.join(" and ")}` : "";
    });
    const [shop, ...others] = verdicts.map((no) => no.length === 0);
    const impostors = others.filter(Boolean).length;
    said.textContent = `${impostors} of ${others.length} impostors ${impostors === 1 ? "gets" : "get"} in. The shop ${shop ? "gets in" : "is kept out"}.`;
  }

  place.replaceChildren(
    group("The client asks", ...boxes),
    said,
    made("ul", { className: "servers" }, ...cards.map(({ card }) => card)),
  );
  show();
