// Which pages come first where a word stands in many: those for readers before those for the record.
var Scorer = {
  // [start of the name of a page, what is added]; the first that fits. Below 10, which is how much
  // more a word in a heading counts than one in the text.
  places: [
    ["reference/changelog", -12], ["reference/contributing", -12], ["reference/licences", -12],
    ["reference/not-run", -12], ["reference/python/", -6], ["start/", 4], ["how-to/", 3],
    ["methods/", 2], ["reference/", 1],
  ],
  score: ([name, , , , score]) => {
    const found = Scorer.places.find(([start]) => name.startsWith(start));
    // What has moved is found where it is.
    return name.includes("/") ? score + (found ? found[1] : 0) : score - 20;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
