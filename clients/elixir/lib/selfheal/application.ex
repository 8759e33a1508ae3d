defmodule Selfheal.Application do
  @moduledoc false
  use Application

  @impl true
  def start(_type, _args) do
    settings = Application.get_all_env(:selfheal)

    with {:ok, supervisor} <- Supervisor.start_link([{Selfheal.Queue, settings}], strategy: :one_for_one) do
      if Keyword.get(settings, :capture_crashes, true),
        do: :logger.add_handler(:selfheal, Selfheal.Handler, %{level: :error})

      {:ok, supervisor}
    end
  end

  @impl true
  def stop(_state), do: :logger.remove_handler(:selfheal)
end
