// Entry point of every Allegro page.
import "./fragments.js";
import "./controls.js";
import "./keys.js";
import "./addresses.js";
import "./device.js";
