// Questions to begin with, made of what the documents hold.

import { measureWords } from "./words.js";

const MEASURES = 2;
const MOST = 4;

/** Up to four questions that the documents answer; none where they hold nothing to ask for. */
export async function exampleQuestions(service) {
  const { measures } = await service.json("/v1/measures");
  const named = measures
    .filter((measure) => measure.name)
    .sort((a, b) => b.figures - a.figures)
    .slice(0, MEASURES);
  const questions = [];
  const used = new Set();
  for (const { name } of named) {
    const { figures } = await service.json("/v1/figures", { parameters: { measure: name, limit: 100 } });
    const asked = figures.find((figure) => figure.subject && !used.has(figure.subject));
    if (asked === undefined) continue;
    used.add(asked.subject);
    questions.push(`What is the ${measureWords(name)} of ${asked.subject}?`);
    if (new Set(figures.map((figure) => figure.subject)).size > 1) questions.push(`Compare ${measureWords(name)}`);
  }
  if (questions.length) return questions.slice(0, MOST);
  const { subjects } = await service.json("/v1/subjects");
  return [...new Set(subjects.map((subject) => `What is ${subject.name}?`))].slice(0, MOST);
}
