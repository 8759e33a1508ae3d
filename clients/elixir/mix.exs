defmodule Selfheal.MixProject do
  use Mix.Project

  def project do
    [
      app: :selfheal,
      version: "0.1.0",
      elixir: "~> 1.14",
      description: "Sends the exceptions of an Elixir application to selfheal.",
      package: [licenses: ["MIT"], links: %{}, files: ["lib", "mix.exs", "README.md"]],
      deps: []
    ]
  end

  def application do
    [mod: {Selfheal.Application, []}, extra_applications: [:logger, :inets, :ssl]]
  end
end
