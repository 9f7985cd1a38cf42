// How the search sorts what it found: all lessons first, then the pages about them.
// The numbers are Sphinx's own, of its searchtools.js.
var Scorer = {
  score: ([page, , , , score]) => (page.startsWith("notebooks/") ? score + 1000 : score),
  objNameMatch: 11, objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7,
  term: 5, partialTerm: 2,
};
