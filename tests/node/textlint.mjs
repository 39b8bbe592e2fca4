// Reads texts as a JSON list on standard input, and says as JSON what the rules of textlint find: text, rule, words, where.
import { TextlintKernel } from "@textlint/kernel";
import plainText from "@textlint/textlint-plugin-text";
import inappropriateWords from "textlint-rule-ja-no-inappropriate-words";
import japanese from "textlint-rule-preset-japanese";
import smarthr from "textlint-rule-preset-smarthr";
import { readFileSync } from "node:fs";

const AT_A_TIME = 60; // some rules read their dictionary once for each text, others take the square of its length
const written = (module) => module.default ?? module;
const options = { ...japanese.rulesConfig, ...smarthr.rulesConfig, "sentence-length": japanese.rulesConfig["sentence-length"] };
const named = { ...japanese.rules, ...smarthr.rules, "ja-no-inappropriate-words": inappropriateWords };
const rules = Object.entries(named).map(([ruleId, rule]) => ({ ruleId, rule: written(rule), options: options[ruleId] ?? true }));
const plugins = [{ pluginId: "text", plugin: written(plainText) }];

const kernel = new TextlintKernel();
const texts = JSON.parse(readFileSync(0, "utf8"));
const found = [];
for (let first = 0; first < texts.length; first += AT_A_TIME) {
  const part = texts.slice(first, first + AT_A_TIME);
  const starts = part.map((_, index) => part.slice(0, index).join("\n\n").length + (index ? 2 : 0));
  const { messages } = await kernel.lintText(part.join("\n\n"), { ext: ".txt", filePath: "texts.txt", plugins, rules });
  for (const { ruleId, message, range } of messages) {
    const index = starts.findLastIndex((start) => start <= range[0]);
    found.push([first + index, ruleId, message, range[0] - starts[index]]);
  }
}
console.log(JSON.stringify(found));
