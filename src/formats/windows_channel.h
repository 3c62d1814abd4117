#pragma once

// Which of Sigma's Windows services an event belongs to, by the channel it was written to, else by its provider
// (Sigma taxonomy, "Windows Folder / Service", and the sources that SigmaHQ's own tests use). Every reader of Windows
// events, whatever its file format, asks here. No categories: which EventID means process_creation is said by the
// pipelines that map rules.
//
// The results live as long as the program. Any thread.

#include <string_view>

#include "event/logsource.h"

namespace weir::formats {

// Never null: an unknown channel is of product windows, without service. Case does not matter.
const event::Logsource* windows_logsource(std::string_view channel);

// For events that name no channel. Never null, as above.
const event::Logsource* windows_logsource_of_provider(std::string_view provider);

}  // namespace weir::formats
