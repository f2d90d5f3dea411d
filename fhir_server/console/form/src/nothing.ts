// In place of fonts: the page uses those of the system.
export {};
