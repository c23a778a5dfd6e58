// Rules for the addons' JavaScript. The tools stand in the cache folder: `./psa lint` says where.
import {createRequire} from "node:module";

const here = process.env.PSA_LINT_NODE ? `${process.env.PSA_LINT_NODE}/` : import.meta.url;
const require = createRequire(here);
const js = require("@eslint/js");
const globals = require("globals");

export default [
    {ignores: ["node_modules/**", "**/static/lib/**"]},
    js.configs.recommended,
    {
        files: ["**/*.mjs"],
        languageOptions: {globals: globals.node},
    },
    {
        files: ["addons/*/static/**/*.js"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: {...globals.browser, odoo: "readonly", luxon: "readonly"},
        },
        rules: {
            complexity: ["error", 10],
            eqeqeq: "error",
            "no-console": "error",
            "no-var": "error",
            "prefer-const": "error",
        },
    },
];
