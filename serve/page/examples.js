// Questions to begin with, made of what the documents hold.

import { measureWords } from "./words.js";

const MEASURES = 2;
const MOST = 4;

/** Up to four questions; none where the documents hold nothing to ask for. `catalogue`: whether figures may be read. */
export async function exampleQuestions(service, catalogue) {
  const [{ measures }, { subjects }] = await Promise.all([service.json("/v1/measures"), service.json("/v1/subjects")]);
  const named = measures.slice(0, MEASURES);
  const asked = catalogue ? await stated(service, named) : named.map(({ name }) => `Compare ${measureWords(name)}`);
  const about = [...new Set(subjects.map(({ name }) => `What is ${name}?`))];
  return [...asked, ...about].slice(0, MOST);
}

/** Questions for figures that the documents state, each of another subject. */
async function stated(service, measures) {
  const found = await Promise.all(
    measures.map(({ name }) => service.json("/v1/figures", { parameters: { measure: name, limit: 100 } })),
  );
  const used = new Set();
  return found.flatMap(({ figures }, i) => {
    const name = measureWords(measures[i].name);
    const figure = figures.find(({ subject }) => subject && !used.has(subject));
    if (figure === undefined) return [];
    used.add(figure.subject);
    const several = figures.some(({ subject }) => subject !== figure.subject);
    return [`What is the ${name} of ${figure.subject}?`, ...(several ? [`Compare ${name}`] : [])];
  });
}
