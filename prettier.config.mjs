// Format of XML, JavaScript and styles. The tools stand in the cache folder: `./psa lint` says where.
import {createRequire} from "node:module";

const here = process.env.PSA_LINT_NODE ? `${process.env.PSA_LINT_NODE}/` : import.meta.url;

export default {
    plugins: [createRequire(here).resolve("@prettier/plugin-xml")],
    bracketSpacing: false,
    printWidth: 88,
    proseWrap: "always",
    semi: true,
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
    overrides: [{files: "*.{js,mjs,xml,scss,css}", options: {tabWidth: 4}}],
};
