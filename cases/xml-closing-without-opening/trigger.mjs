const { XMLParser } = await import("./src/fxp.js");
console.log(new XMLParser().parse("<a>1</a></b><c>2</c>"));
