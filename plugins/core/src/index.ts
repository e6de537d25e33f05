/** Headless state that the plugins share. No host, no widgets, no DOM: sockets, clocks and storage come from outside. */
export {};
