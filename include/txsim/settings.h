// Settings: how a protocol declares the keys of its section, and the settings of store, idempotent
// receiver, lock service and broker.
//
//   SettingDeclarations         a call for each key: on_off, count, duration, interval ...
//   SettingKind                 plain, or a switch
//   kSwitch                     marks a key that turns a mechanism off
//   ProtocolSettings            the settings of a protocol, of any type
//   SettingsOf                  the same, of one type
//   AnySettings                 a value that holds them
//   settings_as                 the typed settings in it
//   IdempotentReceiverSettings  the keys of [idempotent-receiver]
//   StoreSettings               the keys of [store]
//   LockServiceSettings         the keys of [lock-service]
//   BrokerSettings              the keys of [broker]
//
// Shapes: a plain struct that holds the defaults, and in its namespace `void declare_settings(Mine&
// settings, SettingDeclarations& keys)`.
// Units: durations as in <txsim/time.h>; a scenario writes them with a unit, "100ms".
// Errors: the value of a key is checked when the scenario is read. A switch that is off by default,
// and settings_as of another type, are defects.
#pragma once

#include <txsim/random.h>
#include <txsim/time.h>

#include "services/setting_declarations.h"
#include "services/settings.h"
