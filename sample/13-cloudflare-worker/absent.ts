/** Stands for packages that Nest asks for and this application does not have. */
export {};
