import { judged, MANIFEST, type Scenario, tests } from "../scenario.ts";

const USERS = `export function cityOf(user) {
  return user.address.city ?? "unknown";
}

export function countryOf(user) {
  return user.address?.country ?? "unknown";
}
`;

const STARS = `export function average(reviews) {
  const sum = reviews.map((review) => review.stars).reduce((a, b) => a + b);
  return reviews.length === 0 ? 0 : sum / reviews.length;
}
`;

const TAGS = `export function tagsOf(products) {
  const seen = new Set();
  for (const product of products) {
    for (const tag of product.tags) seen.add(tag);
  }
  return [...seen].sort();
}

export function hasTag(product, tag) {
  return (product.tags ?? []).includes(tag);
}
`;

const RETRY = `export function planOf(job, options) {
  const tries = options.tries ?? 3;
  return { job, tries, waitMs: (options.waitMs ?? 100) * tries };
}

export function nameOf(job, options = {}) {
  return options.prefix ? options.prefix + job : job;
}
`;

const SHELF = `export function firstBelow(rows, limit) {
  let i = 0;
  while (rows[i].price >= limit) i += 1;
  return i < rows.length ? rows[i].name : null;
}
`;

const CODE = `export function normalized(code) {
  return code.trim().toUpperCase();
}

export function sameCode(a, b) {
  return String(a).trim().toUpperCase() === String(b).trim().toUpperCase();
}
`;

const NAMES = `export function namesOf(people) {
  return people.map((person) => person.name.toLowerCase());
}

export function activeOf(people) {
  return people.filter((person) => person && person.active).length;
}
`;

const TOTALS = `export function totalOf(cart) {
  return cart.lines.reduce((sum, line) => sum + centsOf(line), 0);
}

function centsOf(line) {
  return line.count * line.product.cents;
}
`;
const FROM_TABLE = TOTALS.replace("line.product.cents", "TABLE[line.product.zone].factor * line.product.cents").replace(
  "export function totalOf",
  "const TABLE = { eu: { factor: 1 } };\n\nexport function totalOf",
);

const LOOKUP = `const PAGES = new Map([["/", { title: "Home" }], ["/404", { title: "Not found" }]]);

export function titleOf(path) {
  return PAGES.get(path).title;
}

export function pageOf(path) {
  return PAGES.get(path) ?? PAGES.get("/404");
}
`;

const DATES = `export function dayOf(order) {
  return order.placedAt.slice(0, 10);
}

export function hourOf(order) {
  return order.placedAt ? Number(order.placedAt.slice(11, 13)) : null;
}
`;

/** Crashes with one right repair, as the code around them shows. */
export const fixable: Scenario[] = [
  {
    name: "missing-address",
    kind: "fixable",
    about: "a user without an address; the neighbour guards it with ?.",
    commits: [
      {
        "package.json": MANIFEST,
        "src/users.js": USERS,
        "test/users.test.js": tests(
          'import { cityOf } from "../src/users.js";',
          'assert.equal(cityOf({ address: { city: "Bern" } }), "Bern");',
        ),
      },
    ],
    trigger: 'import { cityOf } from "./src/users.js";\ncityOf({ name: "Ada" });\n',
    reproduces: true,
    hidden: judged(
      'import { cityOf, countryOf } from "./src/users.js";',
      'assert.equal(cityOf({}), "unknown");',
      'assert.equal(cityOf({ address: {} }), "unknown");',
      'assert.equal(cityOf({ address: { city: "Bern" } }), "Bern");',
      'assert.equal(countryOf({}), "unknown");',
      "assert.throws(() => cityOf());",
    ),
  },
  {
    name: "empty-reduce",
    kind: "fixable",
    about: "no reviews; the next line says that the average is 0 then",
    commits: [
      {
        "package.json": MANIFEST,
        "src/stars.js": STARS,
        "test/stars.test.js": tests(
          'import { average } from "../src/stars.js";',
          "assert.equal(average([{ stars: 2 }, { stars: 4 }]), 3);",
        ),
      },
    ],
    trigger: 'import { average } from "./src/stars.js";\naverage([]);\n',
    reproduces: true,
    hidden: judged(
      'import { average } from "./src/stars.js";',
      "assert.equal(average([]), 0);",
      "assert.equal(average([{ stars: 5 }]), 5);",
      "assert.equal(average([{ stars: 2 }, { stars: 4 }]), 3);",
    ),
  },
  {
    name: "missing-list",
    kind: "fixable",
    about: "a product without tags; the neighbour takes an empty list",
    commits: [
      {
        "package.json": MANIFEST,
        "src/tags.js": TAGS,
        "test/tags.test.js": tests(
          'import { tagsOf } from "../src/tags.js";',
          'assert.deepEqual(tagsOf([{ tags: ["b"] }, { tags: ["a", "b"] }]), ["a", "b"]);',
        ),
      },
    ],
    trigger: 'import { tagsOf } from "./src/tags.js";\ntagsOf([{ tags: ["a"] }, {}, { tags: ["c"] }]);\n',
    reproduces: true,
    hidden: judged(
      'import { tagsOf } from "./src/tags.js";',
      'assert.deepEqual(tagsOf([{ tags: ["a"] }, {}, { tags: ["c"] }]), ["a", "c"]);',
      "assert.deepEqual(tagsOf([{}]), []);",
      "assert.deepEqual(tagsOf([]), []);",
    ),
  },
  {
    name: "missing-options",
    kind: "fixable",
    about: "options left out; the neighbour defaults the parameter",
    commits: [
      {
        "package.json": MANIFEST,
        "src/retry.js": RETRY,
        "test/retry.test.js": tests(
          'import { planOf } from "../src/retry.js";',
          'assert.equal(planOf("mail", { tries: 1 }).waitMs, 100);',
        ),
      },
    ],
    trigger: 'import { planOf } from "./src/retry.js";\nplanOf("mail");\n',
    reproduces: true,
    hidden: judged(
      'import { planOf } from "./src/retry.js";',
      'assert.deepEqual(planOf("mail"), { job: "mail", tries: 3, waitMs: 300 });',
      'assert.deepEqual(planOf("mail", { tries: 2, waitMs: 5 }), { job: "mail", tries: 2, waitMs: 10 });',
    ),
  },
  {
    name: "past-the-end",
    kind: "fixable",
    about: "nothing is below the limit; the return says null then",
    commits: [
      {
        "package.json": MANIFEST,
        "src/shelf.js": SHELF,
        "test/shelf.test.js": tests(
          'import { firstBelow } from "../src/shelf.js";',
          'assert.equal(firstBelow([{ price: 9, name: "a" }, { price: 3, name: "b" }], 5), "b");',
        ),
      },
    ],
    trigger: 'import { firstBelow } from "./src/shelf.js";\nfirstBelow([{ price: 9, name: "a" }], 5);\n',
    reproduces: true,
    hidden: judged(
      'import { firstBelow } from "./src/shelf.js";',
      'assert.equal(firstBelow([{ price: 9, name: "a" }], 5), null);',
      "assert.equal(firstBelow([], 5), null);",
      'assert.equal(firstBelow([{ price: 9, name: "a" }, { price: 3, name: "b" }], 5), "b");',
    ),
  },
  {
    name: "number-for-text",
    kind: "fixable",
    about: "a code that came as a number; the neighbour makes a text of it",
    commits: [
      {
        "package.json": MANIFEST,
        "src/code.js": CODE,
        "test/code.test.js": tests(
          'import { normalized } from "../src/code.js";',
          'assert.equal(normalized(" ab "), "AB");',
        ),
      },
    ],
    trigger: 'import { normalized } from "./src/code.js";\nnormalized(4711);\n',
    reproduces: true,
    hidden: judged(
      'import { normalized } from "./src/code.js";',
      'assert.equal(normalized(4711), "4711");',
      'assert.equal(normalized(" ab "), "AB");',
    ),
  },
  {
    name: "unknown-key",
    kind: "fixable",
    about: "a path without a page; the neighbour falls back to the page that says so",
    commits: [
      {
        "package.json": MANIFEST,
        "src/pages.js": LOOKUP,
        "test/pages.test.js": tests(
          'import { titleOf } from "../src/pages.js";',
          'assert.equal(titleOf("/"), "Home");',
        ),
      },
    ],
    trigger: 'import { titleOf } from "./src/pages.js";\ntitleOf("/gone");\n',
    reproduces: true,
    hidden: judged(
      'import { titleOf } from "./src/pages.js";',
      'assert.ok(titleOf("/gone") === "Not found" || titleOf("/gone") === undefined);',
      'assert.equal(titleOf("/"), "Home");',
    ),
  },
  {
    name: "missing-date",
    kind: "fixable",
    about: "an order that was never placed; the neighbour answers null",
    commits: [
      {
        "package.json": MANIFEST,
        "src/dates.js": DATES,
        "test/dates.test.js": tests(
          'import { dayOf } from "../src/dates.js";',
          'assert.equal(dayOf({ placedAt: "2026-01-02T03:04:05Z" }), "2026-01-02");',
        ),
      },
    ],
    trigger: 'import { dayOf } from "./src/dates.js";\ndayOf({});\n',
    reproduces: true,
    hidden: judged(
      'import { dayOf } from "./src/dates.js";',
      "assert.ok(dayOf({}) === null || dayOf({}) === undefined);",
      'assert.equal(dayOf({ placedAt: "2026-01-02T03:04:05Z" }), "2026-01-02");',
    ),
  },
  {
    name: "hole-in-a-list",
    kind: "fixable",
    about: "a list with a hole; the neighbour skips what is not there",
    commits: [
      {
        "package.json": MANIFEST,
        "src/names.js": NAMES,
        "test/names.test.js": tests(
          'import { namesOf } from "../src/names.js";',
          'assert.deepEqual(namesOf([{ name: "Ada" }]), ["ada"]);',
        ),
      },
    ],
    trigger: 'import { namesOf } from "./src/names.js";\nnamesOf([{ name: "Ada" }, null, { name: "Bob" }]);\n',
    reproduces: true,
    hidden: judged(
      'import { namesOf } from "./src/names.js";',
      'assert.deepEqual(namesOf([{ name: "Ada" }]), ["ada"]);',
      'const holes = namesOf([{ name: "Ada" }, null, { name: "Bob" }]);',
      'assert.deepEqual(holes.filter((name) => name !== undefined), ["ada", "bob"]);',
    ),
  },
  {
    name: "fresh-deployment",
    kind: "fixable",
    about: "the last commit crashes where the one before it did not: take it back",
    commits: [
      {
        "package.json": MANIFEST,
        "src/totals.js": TOTALS,
        "test/totals.test.js": tests(
          'import { totalOf } from "../src/totals.js";',
          'assert.equal(totalOf({ lines: [{ count: 2, product: { cents: 5, zone: "eu" } }] }), 10);',
        ),
      },
      { "src/totals.js": FROM_TABLE },
    ],
    trigger:
      'import { totalOf } from "./src/totals.js";\ntotalOf({ lines: [{ count: 2, product: { cents: 5, zone: "ch" } }] });\n',
    reproduces: true,
    events: (captured, [good = "", bad = ""]) => [
      {
        release: good,
        timestamp: new Date(Date.now() - 3_600_000).toISOString(),
        exception: {
          type: "Error",
          value: "connect ECONNREFUSED 127.0.0.1:5432",
          stack:
            "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)",
        },
      },
      { ...captured, release: bad },
    ],
    rootCauses: 2,
    hidden: judged(
      'import { totalOf } from "./src/totals.js";',
      'assert.equal(totalOf({ lines: [{ count: 2, product: { cents: 5, zone: "ch" } }] }), 10);',
      'assert.equal(totalOf({ lines: [{ count: 2, product: { cents: 5, zone: "eu" } }] }), 10);',
    ),
  },
];
